// Owns the uploaded logo of an application. Not here: pictures themselves (images.ts), and `logo_uri`, by which an OAuth client names one.
import { applicationTarget, forgetApplications, lockGuardedApplication } from './applications.ts';
import { saveApplication } from './change-applications.ts';
import { type Env, transact } from './env.ts';
import { dropImage, type Image, keepImage } from './images.ts';
import { record } from './system-log.ts';

/** Replaces the one before. Throws E0000007. */
export async function setApplicationLogo(env: Env, id: string, image: Image): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockGuardedApplication(env, id);
    await keepImage(env, image);
    await dropImage(env, application.settings.logoId ?? null);
    const changed = { ...application, last_updated: env.now() };
    changed.settings.logoId = image.id;
    await saveApplication(env, changed);
    await record(env, {
      eventType: 'application.lifecycle.update',
      displayMessage: 'Upload the logo of an application',
      target: [applicationTarget(application)],
    });
  });
  forgetApplications(env);
}
